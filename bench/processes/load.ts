// The process of the load on one server: `load.ts <system>`.

import { Callers } from '../load/callers.ts'
import { Crowd, type CrowdShape, type Speech, type Target } from '../load/crowd.ts'
import { dial, hold, storm } from '../load/dials.ts'
import { attend, gesture } from '../load/people.ts'
import { beat, type Residence, settle } from '../load/residents.ts'
import { type Absence, Returners } from '../load/returners.ts'
import { type SystemName, systems } from '../systems/all.ts'
import { answerParent } from './child.ts'

const { wire } = systems[process.argv[2] as SystemName]

let target: Target = { port: 0, wire }
let crowd: Crowd | undefined
let callers: Callers | undefined
let returners: Returners | undefined

const gathered = () => {
  if (!crowd) throw new Error('nobody has gathered')
  return crowd
}

answerParent({
  aim: ({ port }: { port: number }) => {
    target = { port, wire }
  },
  gather: async (shape: CrowdShape) => {
    crowd = new Crowd(target, shape)
    await crowd.gather()
  },
  flow: (args: Speech) => gathered().flow(args),
  pace: (args: { perSecond: number; forMs: number }) => gathered().pace(args),
  call: async ({ clients, ...args }: { clients: number; inFlight: number; forMs: number }) => {
    if (!callers) {
      callers = new Callers(target)
      await callers.gather(clients)
    }
    return callers.run(args)
  },
  dial: (args: { forMs: number }) => dial(target, args),
  hold: (args: { count: number }) => hold(target, args),
  storm: () => storm(target),
  addSleeper: () => gathered().addSleeper(),
  waken: (args: { withinMs: number }) => gathered().waken(args),
  leave: (args: Absence) => (returners ??= new Returners(target)).leave(args),
  comeBack: (args: Absence) => returners?.comeBack(args),
  gesture: (args: { count: number; perSecond: number; forMs: number }) => gesture(target, args),
  settle: (args: Residence) => settle(target, args),
  beat: () => beat(),
  attend: (args: { count: number }) => attend(target, args),
})
