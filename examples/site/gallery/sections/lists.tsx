// Rows that travel, and rooms that are empty or not ready yet.

import { EmptyState } from '@tidings/ui/empty-state'
import { MovingList } from '@tidings/ui/moving-list'
import { Avatar } from '@tidings/ui/presence-avatars'
import { SkeletonRows } from '@tidings/ui/skeleton'
import { useState } from 'react'
import { Section, Specimen } from '../specimen.tsx'

const board = [
  { name: 'Amina Okafor', score: 2_480 },
  { name: 'Jonas Lindgren', score: 2_455 },
  { name: 'نادية الحسيني', score: 2_310 },
  { name: 'Maria-Theresia Aurelia von Wolkenstein-Hohenfels und zu Rabenau', score: 2_290 },
  { name: 'Wei Zhang', score: 2_105 },
]

/** By rank: enough for those behind to overtake. */
const points = [20, 60, 5, 240, 390]

export function ListsSection() {
  return (
    <Section
      id="lists"
      title="Lists"
      entry="moving-list, skeleton, empty-state"
      about="A row that changes its place is seen to go there. An empty room says what will be in it, and how to make it so."
    >
      <Specimen title="Moving list" note="Rows travel, also when interrupted" span={4} fill="edge">
        <Board />
      </Specimen>
      <Specimen title="Skeleton" note="After 200 ms only" span={2} fill="edge">
        <SkeletonRows label="Loading" count={5} />
      </Specimen>
      <Specimen title="Empty state, with something to do" span={6} fill="edge">
        <EmptyState
          title="No saved searches"
          action={
            <button type="button" className="td-button" data-kind="main">
              Save this search
            </button>
          }
        >
          Save a search, and what matches it appears here as it is posted.
        </EmptyState>
      </Specimen>
    </Section>
  )
}

function Board() {
  const [rows, setRows] = useState(board)
  const shuffle = () => {
    const changed = rows.map((row, i) => ({ ...row, score: row.score + (points[i] ?? 0) }))
    setRows(changed.sort((a, b) => b.score - a.score))
  }
  return (
    <>
      <MovingList items={rows} idOf={({ name }) => name} label="Scores of the week">
        {({ name, score }, index) => (
          <div className="rank">
            <span className="rank-place td-tabular">{index + 1}</span>
            <Avatar name={name} size={28} />
            <span className="rank-name" title={name}>
              <bdi>{name}</bdi>
            </span>
            <span className="rank-score td-tabular">{score.toLocaleString()}</span>
          </div>
        )}
      </MovingList>
      <div className="stage-foot">
        <button type="button" className="td-button" onClick={shuffle}>
          Score some points
        </button>
      </div>
    </>
  )
}
