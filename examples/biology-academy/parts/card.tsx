// A card with a title, and what it shows before it knows anything.

import { Skeleton } from '@tidings/ui/skeleton'
import type { ReactNode } from 'react'
import { useAcademy } from './academy.tsx'

export interface CardProps {
  readonly title: string
  /** At the end of the title's line. */
  readonly aside?: ReactNode
  readonly className?: string | undefined
  readonly children: ReactNode
}

export function Card({ title, aside, className, children }: CardProps) {
  const id = `card-${title.toLowerCase().replace(/\W+/g, '-')}`
  return (
    <section className={className ? `card ${className}` : 'card'} aria-labelledby={id}>
      <header className="card-head">
        <h2 className="card-title" id={id}>
          {title}
        </h2>
        {aside}
      </header>
      {children}
    </section>
  )
}

/** Lines of the height of what will stand there; without a connection nothing is on its way. */
export function Waiting({ lines }: { readonly lines: number }) {
  const { isCutOff } = useAcademy()
  if (isCutOff) return <p className="quiet">Not known at the moment. It waits for the connection.</p>
  return (
    <div className="waiting" role="status">
      <span className="td-unseen">On its way</span>
      {Array.from({ length: lines }, (_, i) => (
        <Skeleton key={i} width={`${88 - ((i * 17) % 40)}%`} height="14px" />
      ))}
    </div>
  )
}
