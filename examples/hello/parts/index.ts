// The page's chrome: what surrounds the few lines of app.tsx. Nothing here publishes or subscribes.

export { Composer } from './composer.tsx'
export { Conversation } from './conversation.tsx'
export { useName } from './name.ts'
export { NameForm } from './name-form.tsx'
export { NoSuchRoom } from './no-such-room.tsx'
export { Refused } from './refused.tsx'
export { Room } from './room.tsx'
