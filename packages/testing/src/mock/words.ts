// What invented data is made of: people with one name and one address each, things that happen in products, places and
// companies. Nobody famous, nothing in Latin.

export interface Person {
  readonly id: string
  readonly name: string
  readonly email: string
}

const named = (names: string): readonly Person[] =>
  names.split(', ').map((name) => {
    const plain = name
      .normalize('NFD')
      .replace(/[^a-zA-Z ]/g, '')
      .toLowerCase()
    const [first = '', last = ''] = plain.split(' ')
    return { id: `${first}-${last}`, name, email: `${first}.${last}@example.com` }
  })

export const people = named(
  'Amara Okafor, Jonas Lindqvist, Mei Tanaka, Sofia Reyes, Tomasz Nowak, Leila Haddad, Daniel Osei, Ingrid Solberg, ' +
    'Rafael Costa, Priya Raman, Lukas Brandt, Noor Aziz, Elena Petrova, Samuel Mbeki, Chloé Martin, Kenji Mori, ' +
    'Hannah Weiss, Omar Farouk, Marta Kowalska, Diego Herrera, Aoife Brennan, Viktor Novák, Zainab Bello, Emil Larsen',
)

/** Values for a field, by what its name says. The first row that matches counts. */
export const vocabularies: readonly (readonly [RegExp, readonly string[]])[] = [
  [
    /company|employer|organi[sz]ation/,
    words(
      'Northwind Labs, Harbor Health, Juniper Systems, Tessel, Oakline, Brightwater, Kestrel Mobility, Lumen & Pike',
    ),
  ],
  [
    /job_?title|position|role/,
    words(
      'Frontend engineer, Product designer, Data analyst, Backend engineer, Technical writer, QA engineer, Support lead',
    ),
  ],
  [
    /topic|subject|lesson|module|course/,
    words(
      'Cell respiration, Mendelian genetics, Photosynthesis, The nervous system, Enzymes, Ecology of wetlands, Protein synthesis, Evolution',
    ),
  ],
  [/city|location|place/, words('Lisbon, Kraków, Nairobi, Montréal, Osaka, Porto Alegre, Bergen, Valencia')],
  [/country/, words('Portugal, Poland, Kenya, Canada, Japan, Brazil, Norway, Spain')],
  [/colou?r/, words('#2563eb, #0d9488, #b45309, #7c3aed, #be123c, #4d7c0f')],
  [/currency/, words('EUR, USD, GBP, JPY')],
  [/locale|lang/, words('en, de, fr, pl, pt, ja')],
  [/status|state/, words('open, in review, planned, done')],
  [/category|tag|label|kind|type|group/, words('update, reminder, review, question, milestone')],
  [/action_?(text|label)|button/, words('View, Open, Review, Reply')],
  [
    /reason/,
    words('Matches what you looked for, Close to where you live, Your team asked for it, Due this week'),
  ],
  [
    /title|subject|headline|heading/,
    words(
      'Your report is ready, New comment on your draft, Review due tomorrow, Weekly summary, Two people joined your session, Export finished, Goal reached, Schedule changed',
    ),
  ],
  [
    /room|channel|team|project|board/,
    words('Reading group, Launch plan, Support rota, Design review, Field notes'),
  ],
  [/file|document|attachment/, words('notes.pdf, budget-2026.xlsx, interview-plan.docx, results.csv')],
]

/** Whole sentences, for whatever people say or read. */
export const sentences = [
  'Can you have a look before noon?',
  'The second half reads much better now.',
  'I moved the review to Thursday.',
  'Thanks, that answers my question.',
  'The numbers from last week are in.',
  'Let us start with the open points.',
  'I will be ten minutes late.',
  'Good progress since yesterday.',
  'Everything on the list is done.',
  'We should keep the shorter version.',
  'The draft is in the shared folder.',
  'Two answers are still missing.',
] as const

export const nouns = words(
  'amber, birch, cedar, delta, ember, fjord, grove, heron, iris, juniper, kelp, linden, maple, nettle, otter, pine',
)

function words(list: string): readonly string[] {
  return list.split(', ')
}
