// One state of one component, with its name under glass.

import type { ReactNode } from 'react'

export interface SectionProps {
  readonly id: string
  readonly title: string
  readonly entry: string
  readonly about: string
  readonly children: ReactNode
}

export function Section({ id, title, entry, about, children }: SectionProps) {
  return (
    <section className="section" id={id} aria-labelledby={`${id}-title`}>
      <header className="section-head">
        <h2 className="section-title" id={`${id}-title`}>
          {title}
        </h2>
        <code className="section-entry">{entry}</code>
        <p className="section-about">{about}</p>
      </header>
      <div className="specimens">{children}</div>
    </section>
  )
}

export interface SpecimenProps {
  readonly title: string
  readonly note?: string
  /** How many of the six columns it takes. */
  readonly span?: 2 | 3 | 4 | 6
  /** How its content stands: in the middle, or filling the stage. */
  readonly fill?: 'middle' | 'width' | 'edge'
  readonly children: ReactNode
}

export function Specimen({ title, note, span = 3, fill = 'middle', children }: SpecimenProps) {
  return (
    <figure className="specimen" data-span={span}>
      <div className="stage" data-fill={fill}>
        {children}
      </div>
      <figcaption className="specimen-caption">
        <span className="specimen-title">{title}</span>
        {note !== undefined && <span className="specimen-note">{note}</span>}
      </figcaption>
    </figure>
  )
}
