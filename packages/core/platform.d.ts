// What core may know of the platform that it runs on: these few things exist in browsers, Node and workers alike.
// Anything else does not type-check there, neither the page nor Node. Who may use these is for scripts/layers.ts to say.

declare function setTimeout(run: () => void, delayMs?: number): unknown
declare function clearTimeout(timer: unknown): void
declare function queueMicrotask(run: () => void): void

declare const performance: { now(): number }
declare const crypto: { getRandomValues<T extends Uint8Array>(into: T): T }

declare class TextEncoder {
  encode(text: string): Uint8Array
}
