// Turns of the event loop, many for the price of one. Before each of them every promise that can settle has settled,
// and a rejection that nobody handles is found; that is what an event loop does between two callbacks. Between two of
// its rounds it also asks the system what has arrived, which costs more than most turns of a simulation and is always
// nothing. So turns are ordered by the hundred.

const AT_ONCE = 128

const waiting: (() => void)[] = []
/** Turns that are to come in this round of the event loop, or in the next. */
let ordered = 0

/** Runs `run` once no promise is left that could settle by itself. */
export function nextTurn(run: () => void): void {
  waiting.push(run)
  if (waiting.length <= ordered) return
  ordered += AT_ONCE
  for (let i = 0; i < AT_ONCE; i++) setImmediate(turn)
}

function turn(): void {
  ordered--
  waiting.shift()?.()
}
