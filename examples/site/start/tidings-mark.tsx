// Tidings' own mark: a log, and a cursor at its head.

export function TidingsMark() {
  return (
    <svg viewBox="0 0 28 28" aria-hidden="true">
      <rect width="28" height="28" rx="7" fill="var(--accent)" />
      <path stroke="var(--on-accent)" strokeWidth="2.5" strokeLinecap="round" d="M7 9h14M7 14h9M7 19h5" />
      <circle cx="19.5" cy="19" r="2.6" fill="var(--on-accent)" />
    </svg>
  )
}
