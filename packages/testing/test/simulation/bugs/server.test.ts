import { bugGroups } from '../../../src/simulation/bugs/all.ts'
import { testThatTheCheckerSees } from './seen.ts'

testThatTheCheckerSees(bugGroups.server)
