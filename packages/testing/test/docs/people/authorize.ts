import type { Authorize } from '@tidings/server'

export const authorize: Authorize = ({ identity, definition, params, action }) => {
  switch (definition.pattern) {
    case 'orders/:shop': {
      const shops = identity.claims?.shops
      return action === 'subscribe' || (Array.isArray(shops) && shops.includes(params.shop))
    }
    case 'notices/:user':
      return action === 'subscribe' && identity.user === params.user
    default:
      return false
  }
}
