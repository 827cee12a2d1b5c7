// What tabs ask of their browser to find one another: `navigator.locks`, `BroadcastChannel` and the page's visibility,
// as far as they are used.

/** Locks that all tabs of an origin compete for. A tab that dies lets go of its own. */
export interface Locks {
  /**
   * Calls `work` once the lock is free, and keeps it until what that returns has settled. Rejects with an `AbortError`
   * when `signal` ended the wait, and when somebody has stolen the lock.
   */
  request(
    name: string,
    options: {
      readonly signal?: AbortSignal
      /** Takes the lock from whoever has it. */
      readonly steal?: boolean
      /** Does not wait: `work` is given null where somebody has the lock. */
      readonly ifAvailable?: boolean
    },
    work: (lock: object | null) => void | Promise<void>,
  ): Promise<unknown>
}

/** What is posted is heard by everybody else who has opened the same name, in order. */
export interface Broadcast {
  postMessage(message: unknown): void
  close(): void
  /** Where programs end when nothing is left to do (Node): it keeps none from it. */
  unref?(): void
}

export type OpenBroadcast = (name: string, hear: (message: unknown) => void) => Broadcast

/** What there is; where locks or broadcasts are missing, each tab is on its own. */
export interface Browser {
  readonly locks: Locks | undefined
  readonly openBroadcast: OpenBroadcast | undefined
  /** How much of the person's attention this tab has. */
  attention(): Attention
}

export type Attention = 'focused' | 'visible' | 'hidden'
