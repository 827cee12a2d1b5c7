// The provider as a decorator: what Storybook, Ladle and others wrap a story in.

import type { Contract } from '@tidings/core'
import type { ComponentType, ReactElement } from 'react'
import { MockTidings, type MockTidingsProps } from './mock-tidings.tsx'

/**
 * @example
 * export default { component: Inbox, decorators: [tidingsDecorator({ contract, history: 12 })] }
 */
export function tidingsDecorator<C extends Contract>(
  options: Omit<MockTidingsProps<C>, 'children'>,
): (Story: ComponentType) => ReactElement {
  return (Story) => (
    <MockTidings {...options}>
      <Story />
    </MockTidings>
  )
}
