// What is taught: the ten topics of the first year.

export interface Topic {
  readonly title: string
  readonly unit: string
  readonly about: string
}

export const topics: readonly Topic[] = [
  { title: 'Cell structure', unit: 'Cells', about: 'Organelles, and what each is for' },
  { title: 'Membrane transport', unit: 'Cells', about: 'Diffusion, osmosis, pumps' },
  { title: 'Mitosis and meiosis', unit: 'Cells', about: 'How one cell becomes two, or four' },
  { title: 'DNA replication', unit: 'Genetics', about: 'Helicase to ligase, step by step' },
  { title: 'Protein synthesis', unit: 'Genetics', about: 'From gene to folded chain' },
  { title: 'Mendelian inheritance', unit: 'Genetics', about: 'Crosses, ratios, pedigrees' },
  { title: 'Photosynthesis', unit: 'Energy', about: 'Light reactions and the Calvin cycle' },
  { title: 'Cellular respiration', unit: 'Energy', about: 'Glycolysis to the electron chain' },
  { title: 'Natural selection', unit: 'Evolution', about: 'Variation, fitness, drift' },
  { title: 'Food webs', unit: 'Ecology', about: 'Where the energy of an ecosystem goes' },
]
