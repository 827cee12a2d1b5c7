'use client'
// What is there when there is nothing: says what will appear, and how to make it.

import type { ReactNode } from 'react'
import { Icon, type IconName } from './icon.tsx'

export interface EmptyStateProps {
  readonly title: string
  readonly children?: ReactNode
  /** One thing to do about it. */
  readonly action?: ReactNode
  readonly icon?: IconName | undefined
}

export function EmptyState({ title, children, action, icon = 'inbox' }: EmptyStateProps) {
  return (
    <div className="td-empty">
      <span className="td-empty-icon">
        <Icon name={icon} />
      </span>
      <p className="td-empty-title">{title}</p>
      {children !== undefined && <p className="td-empty-about">{children}</p>}
      {action !== undefined && <div className="td-empty-action">{action}</div>}
    </div>
  )
}
