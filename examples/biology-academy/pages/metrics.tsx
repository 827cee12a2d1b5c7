// Live study metrics: the three numbers, how they came about, and the updates themselves.

import { useState } from 'react'
import { Card, Waiting } from '../parts/card.tsx'
import { Chart } from '../parts/chart.tsx'
import { clockTime, exactly, oneDigit, whole } from '../parts/numbers.ts'
import { CurrentSession, MetricTiles, useStudyMetrics } from '../parts/study-metrics.tsx'

const measures = {
  progress: { name: 'Progress', format: (value: number) => `${oneDigit(value)} %` },
  studyHours: { name: 'Study time', format: (value: number) => `${exactly(value)} h` },
  sessionDuration: { name: 'Session', format: (value: number) => `${whole(value)} min` },
} as const

type Measure = keyof typeof measures

const SHOWN = 10

export function Metrics() {
  const trail = useStudyMetrics()
  const [measure, setMeasure] = useState<Measure>('progress')
  const { name, format } = measures[measure]
  return (
    <div className="stack">
      <CurrentSession now={trail?.at(-1)} />
      <MetricTiles trail={trail} />
      <Card
        title="Over time"
        aside={
          <div className="segments">
            {(Object.keys(measures) as Measure[]).map((each) => (
              <label className="segment" key={each}>
                <input
                  type="radio"
                  name="measure"
                  checked={measure === each}
                  onChange={() => setMeasure(each)}
                />
                <span>{measures[each].name}</span>
              </label>
            ))}
          </div>
        }
      >
        <div className="tall">
          <Chart
            values={trail?.map((each) => each[measure]) ?? []}
            label={name}
            format={format}
            empty={trail ? 'The line begins with your next two updates.' : <Waiting lines={3} />}
          />
        </div>
      </Card>
      <Card title="Last updates">
        {trail === undefined ? (
          <Waiting lines={6} />
        ) : trail.length === 0 ? (
          <p className="quiet">Each minute that you study is a line here.</p>
        ) : (
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Topic</th>
                <th scope="col" className="number">
                  Session
                </th>
                <th scope="col" className="number">
                  Progress
                </th>
                <th scope="col" className="number">
                  Study time
                </th>
              </tr>
            </thead>
            <tbody>
              {trail
                .slice(-SHOWN)
                .reverse()
                .map(({ at, currentTopic, sessionDuration, progress, studyHours }) => (
                  <tr key={`${at}-${studyHours}`}>
                    <td className="faint">{clockTime(at)}</td>
                    <td>{currentTopic ?? '–'}</td>
                    <td className="number">{whole(sessionDuration)} min</td>
                    <td className="number">{exactly(progress)} %</td>
                    <td className="number">{exactly(studyHours)} h</td>
                  </tr>
                ))}
            </tbody>
          </table>
        )}
      </Card>
    </div>
  )
}
