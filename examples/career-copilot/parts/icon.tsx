// The product's own marks, on a grid of 20. They stand beside words, so none of them speaks.

const paths = {
  dashboard:
    'M3.5 3.500h5.500v6.500h-5.500zM11.500 3.500h5v3.500h-5zM11.500 9.500h5v7h-5zM3.500 12.500h5.500v4h-5.500z',
  jobs: 'M3 7.500a1 1 0 0 1 1-1h12a1 1 0 0 1 1 1v7.500a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1zM7.500 6.500V5a1 1 0 0 1 1-1h3a1 1 0 0 1 1 1v1.500M3 10.500c4.600 2 9.400 2 14 0',
  applications: 'm3.500 9.700 13-5.700-4.300 12.500-3-4.900zM9.200 11.600l3-3.300',
  sun: 'M10 13.200a3.200 3.200 0 1 0 0-6.400 3.200 3.200 0 0 0 0 6.400zM10 2.500v1.600M10 15.900v1.600M2.500 10h1.600M15.900 10h1.600M4.700 4.700l1.100 1.100M14.200 14.200l1.100 1.100M4.700 15.300l1.100-1.100M14.200 5.800l1.100-1.100',
  moon: 'M16.500 11.700A6.800 6.800 0 0 1 8.300 3.500a6.800 6.800 0 1 0 8.200 8.200z',
  place:
    'M10 17s5-4.700 5-8.500a5 5 0 0 0-10 0C5 12.300 10 17 10 17zM10 10.200a1.800 1.800 0 1 0 0-3.600 1.800 1.800 0 0 0 0 3.600z',
  back: 'M12 4.500 6.500 10l5.500 5.500',
  next: 'M8 4.500 13.500 10 8 15.500',
  check: 'm4.500 10.500 3.700 3.700 7.300-8',
  clock: 'M10 16.800a6.800 6.800 0 1 0 0-13.600 6.800 6.800 0 0 0 0 13.600zM10 6.300V10l2.600 1.600',
} as const

export type IconName = keyof typeof paths

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="cc-icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}

/** Two that fly together: one ahead, one at its wing. */
export function Mark() {
  return (
    <svg className="cc-mark" viewBox="0 0 28 28" aria-hidden="true">
      <rect className="cc-mark-ground" width="28" height="28" rx="8" />
      <path className="cc-mark-lead" d="m7 14.200 7-7.700 7 7.700" />
      <path className="cc-mark-wing" d="m7 20.700 7-7.700 7 7.700" />
    </svg>
  )
}
