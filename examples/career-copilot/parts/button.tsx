// The kit's look for the product's own buttons.

import type { ComponentProps } from 'react'

export function Button({ kind, ...props }: ComponentProps<'button'> & { readonly kind?: 'main' | 'quiet' }) {
  return <button type="button" className="td-button" data-kind={kind} {...props} />
}
