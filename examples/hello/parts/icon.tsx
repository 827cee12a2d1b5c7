// The marks of this page, drawn on a grid of 16. They accompany words, so none of them speaks.

const paths = {
  send: 'M13.5 2.5 7 9M13.5 2.5l-4 11L7 9 2.5 6.5l11-4Z',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.75V8l2.25 1.5',
  alert:
    'M8 5.25v3.5M8 11.2v.05M7.1 2.6 1.7 12a1 1 0 0 0 .87 1.5h10.86A1 1 0 0 0 14.3 12L8.9 2.6a1.04 1.04 0 0 0-1.8 0Z',
  down: 'M8 3v10M4 9l4 4 4-4',
  copy: 'M6 5.5V3.6A1.1 1.1 0 0 1 7.1 2.5h5.3a1.1 1.1 0 0 1 1.1 1.1v5.3a1.1 1.1 0 0 1-1.1 1.1h-1.9M3.6 6h5.3A1.1 1.1 0 0 1 10 7.1v5.3a1.1 1.1 0 0 1-1.1 1.1H3.6a1.1 1.1 0 0 1-1.1-1.1V7.1A1.1 1.1 0 0 1 3.6 6Z',
  next: 'M6 3.5 10.5 8 6 12.5',
  check: 'm3 8.5 3.25 3.25L13 5',
  people:
    'M6 7.5a2.25 2.25 0 1 0 0-4.5 2.25 2.25 0 0 0 0 4.5ZM1.75 13c.4-2.2 2.1-3.5 4.25-3.5s3.85 1.3 4.25 3.5M10.5 3.3a2.1 2.1 0 0 1 0 4M12 9.9c1.2.5 2 1.6 2.25 3.1',
  terminal:
    'm4.5 5.5 2.5 2.5-2.5 2.5M8.5 10.75h3M3 2.5h10A1.5 1.5 0 0 1 14.5 4v8a1.5 1.5 0 0 1-1.5 1.5H3A1.5 1.5 0 0 1 1.5 12V4A1.5 1.5 0 0 1 3 2.5Z',
} as const

export function Icon({ name }: { name: keyof typeof paths }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}

/** Hello's own mark: a wave that leaves a speech bubble. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 28 28" aria-hidden="true">
      <path
        className="mark-bubble"
        d="M14 2.5c6.6 0 11.5 4.4 11.5 10.2S20.6 22.9 14 22.9c-1.3 0-2.5-.2-3.6-.5L5.2 25a.7.7 0 0 1-1-.8l1-4.2c-1.7-1.8-2.7-4.4-2.7-7.3C2.5 6.9 7.4 2.5 14 2.5Z"
      />
      <path className="mark-wave" d="M8 13.4c1.5-2.6 3-2.6 4.5-.6s3 2 4.5 0 2.5-1.7 3.5-.4" />
    </svg>
  )
}
