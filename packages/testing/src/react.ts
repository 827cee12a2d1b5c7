'use client'

// The door of the mock for React: a provider for stories, previews and pages without a backend, and a decorator.

export { tidingsDecorator } from './react/decorator.tsx'
export { MockTidings, type MockTidingsProps, useMock } from './react/mock-tidings.tsx'
