// The academy's mark, and the marks of its pages. They accompany words, so none of them speaks.

const paths = {
  overview: 'M2.5 2.5h4.6v5.2H2.5ZM8.9 2.5h4.6v2.9H8.9ZM8.9 7.2h4.6v6.3H8.9ZM2.5 9.5h4.6v4H2.5Z',
  metrics: 'M2.5 13.5h11M4 11V8.5M8 11V5.5M12 11V2.8',
  sessions:
    'M6 7.4a2.4 2.4 0 1 0 0-4.8 2.4 2.4 0 0 0 0 4.8ZM1.8 13.3c.2-2.5 1.8-4 4.2-4s4 1.5 4.2 4M10.6 2.9a2.2 2.2 0 0 1 0 4.2M12 9.7c1.3.6 2.1 1.8 2.2 3.6',
  notifications:
    'M8 1.9a4.1 4.1 0 0 0-4.1 4.1c0 4-1.5 5.1-1.5 5.1h11.2S12.1 10 12.1 6A4.1 4.1 0 0 0 8 1.9ZM6.6 13.5a1.6 1.6 0 0 0 2.8 0',
  status: 'M1.8 8h2.7l1.9-4.6 3.2 9.2L11.5 8h2.7',
  settings:
    'M2 4.75h6.25M12 4.75h2M2 11.25h2M7.75 11.25H14M10.1 6.6a1.85 1.85 0 1 0 0-3.7 1.85 1.85 0 0 0 0 3.7ZM5.9 13.1a1.85 1.85 0 1 0 0-3.7 1.85 1.85 0 0 0 0 3.7Z',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.8V8l2.2 1.4',
  flame:
    'M8.2 1.8c.4 2.3 3.9 3.6 3.9 7.5a4.1 4.1 0 0 1-8.2.1c0-1.7.8-2.9 1.7-3.8.2 1 .7 1.5 1.3 1.7-.3-2 .1-4 1.3-5.5Z',
  leaf: 'M13.3 2.7c-6.3-.3-10.3 2.3-10.3 6.5 0 2.3 1.6 3.9 3.9 3.9 4.3 0 6.5-4 6.4-10.4ZM2.7 13.5c1.5-3.2 3.5-5.2 6.3-6.4',
  server: 'M2.5 3h11v4h-11ZM2.5 9h11v4h-11ZM5 5v.05M5 11v.05',
  database:
    'M8 6.3c3 0 5.3-.9 5.3-2.1S11 2.1 8 2.1 2.7 3 2.7 4.2 5 6.3 8 6.3ZM2.7 4.2v7.6c0 1.2 2.3 2.1 5.3 2.1s5.3-.9 5.3-2.1V4.2M2.7 8c0 1.2 2.3 2.1 5.3 2.1S13.3 9.2 13.3 8',
  cache: 'M8.8 1.8 3.5 9h4l-.5 5.2L12.5 7h-4.2l.5-5.2Z',
  storage: 'M2.3 5.3 8 2.3l5.7 3v5.4l-5.7 3-5.7-3ZM2.3 5.3 8 8.3l5.7-3M8 8.3v5.4',
  api: 'M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5M9.2 3 6.8 13',
} as const

export type IconName = keyof typeof paths

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}

/** A cell that is about to become two. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 28 28" aria-hidden="true">
      <path
        className="mark-cell"
        d="M10.2 5.2c2 0 2.7 1.5 3.8 1.5s1.8-1.5 3.8-1.5c4.3 0 7.2 3.9 7.2 8.8s-2.9 8.8-7.2 8.8c-2 0-2.7-1.5-3.8-1.5s-1.8 1.5-3.8 1.5C5.9 22.8 3 18.9 3 14s2.9-8.8 7.2-8.8Z"
      />
      <circle className="mark-nucleus" cx="9.3" cy="14" r="3.1" />
      <circle className="mark-nucleus" cx="18.7" cy="14" r="3.1" />
    </svg>
  )
}
