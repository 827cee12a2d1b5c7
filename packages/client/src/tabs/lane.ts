// A lane as a tab holds it: a session of its own on a connection that several share, near by or in another tab.

export interface Lane {
  /** One message: a frame, or a list of them. */
  send(text: string): void
  /** What came with this mark has been worked off. */
  read(mark: number): void
  /** Nothing is heard of it afterwards. */
  close(): void
}

export interface LaneHandlers {
  opened(): void
  /** `mark`: to be given back by `read`; 0 where that is not asked for. */
  received(text: string, mark: number): void
  /** Nothing is heard afterwards. */
  closed(code: number, reason: string): void
}
