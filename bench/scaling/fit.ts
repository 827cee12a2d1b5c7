// Fits a cost that is a sum of parts: so much for each of this, so much for each of that. Errors count relative to what
// was measured, so that a microsecond matters as much to a cheap sample as a second to a dear one; and nothing may cost
// less than nothing.

export interface Sample {
  readonly title: string
  /** How many of each part. */
  readonly parts: Readonly<Record<string, number>>
  readonly measured: number
}

/** What one of each part costs. */
export type Costs = Readonly<Record<string, number>>

export function costOf(parts: Sample['parts'], costs: Costs): number {
  return Object.entries(parts).reduce((sum, [name, count]) => sum + count * (costs[name] ?? 0), 0)
}

/** Measured beside fitted: 0.1 is ten per cent more than the fit says. */
export function residualOf({ parts, measured }: Sample, costs: Costs): number {
  return measured / costOf(parts, costs) - 1
}

export function fit(samples: readonly Sample[], names: readonly string[]): Costs {
  if (samples.length < names.length)
    throw new Error(`${names.length} parts cannot be told apart by ${samples.length} samples.`)
  const solution = solve(...normalEquations(samples, names))
  const costs = Object.fromEntries(names.map((name, i) => [name, solution[i] as number]))
  const worst = names.find((name) => (costs[name] as number) < 0)
  if (worst === undefined) return costs
  return {
    ...fit(
      samples,
      names.filter((name) => name !== worst),
    ),
    [worst]: 0,
  }
}

type Matrix = readonly (readonly number[])[]

function normalEquations(samples: readonly Sample[], names: readonly string[]): [Matrix, readonly number[]] {
  const rows = samples.map(({ parts, measured }) => names.map((name) => (parts[name] ?? 0) / measured))
  const products = names.map((_, i) => names.map((_, j) => dot(rows, i, j)))
  return [products, names.map((_, i) => rows.reduce((sum, row) => sum + (row[i] as number), 0))]
}

const dot = (rows: Matrix, i: number, j: number) =>
  rows.reduce((sum, row) => sum + (row[i] as number) * (row[j] as number), 0)

/** Gauss's elimination, the largest pivot first. */
function solve(matrix: Matrix, right: readonly number[]): readonly number[] {
  const size = right.length
  // Parts differ by orders of magnitude: each is scaled to one first.
  const scales = matrix.map((row, i) => Math.sqrt(row[i] as number) || 1)
  const scale = (i: number) => scales[i] as number
  const rows = matrix.map((row, i) => [
    ...row.map((value, j) => value / scale(i) / scale(j)),
    (right[i] as number) / scale(i),
  ])
  for (let pivot = 0; pivot < size; pivot++) {
    const best = rows.slice(pivot).reduce((top, row, i) => {
      return Math.abs(row[pivot] as number) > Math.abs(rows[top]?.[pivot] as number) ? pivot + i : top
    }, pivot)
    const row = rows[best] as number[]
    rows[best] = rows[pivot] as number[]
    rows[pivot] = row
    const head = row[pivot] as number
    if (Math.abs(head) < 1e-12) throw new Error('The samples do not tell the parts apart.')
    for (const other of rows) {
      if (other === row) continue
      const factor = (other[pivot] as number) / head
      for (let i = pivot; i <= size; i++) other[i] = (other[i] as number) - factor * (row[i] as number)
    }
  }
  return rows.map((row, i) => (row[size] as number) / (row[i] as number) / scale(i))
}
