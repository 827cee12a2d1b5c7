// The badges of the product are those of the kit.

export { Badge, NotificationBadge, StatusBadge } from '@tidings/ui/badge'
