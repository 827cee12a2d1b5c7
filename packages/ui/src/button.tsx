// The kit's one button: `main` where there is something to do, `plain` beside it, `quiet` inside of things.

import type { ComponentProps } from 'react'

export interface ButtonProps extends ComponentProps<'button'> {
  readonly kind?: 'main' | 'plain' | 'quiet' | undefined
  /** Only an icon: square, and named by `aria-label`. */
  readonly isIcon?: boolean | undefined
}

export function Button({ kind = 'plain', isIcon, className, ...props }: ButtonProps) {
  return (
    <button
      type="button"
      className={className ? `td-button ${className}` : 'td-button'}
      data-kind={kind}
      data-icon-only={isIcon || undefined}
      {...props}
    />
  )
}
