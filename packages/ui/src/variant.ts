// What something means, in the six words that badges, toasts and notifications share. The look of each is in CSS; its
// mark, so that colour never speaks alone, is here.

import type { IconName } from './icon.tsx'

export type Variant = 'default' | 'primary' | 'success' | 'warning' | 'error' | 'info'

export const iconOf: Readonly<Record<Variant, IconName>> = {
  default: 'bell',
  primary: 'bell',
  success: 'success',
  warning: 'warning',
  error: 'error',
  info: 'info',
}
