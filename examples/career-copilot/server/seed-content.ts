// Believable jobs, applications and notifications, with dates near the day on which they are made.

import type { AppNotification, Job, NewApplication } from '../contract.ts'

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS
const ago = (now: number, ms: number) => new Date(now - ms).toISOString()

type Match = { readonly job: Job; readonly match_score: number; readonly reason: string }

/** Oldest first, as they were recommended. */
export function seedMatches(now: number): readonly Match[] {
  const rows: readonly (Omit<Job, 'posted_at'> & {
    readonly age: number
    readonly match: number
    readonly reason: string
  })[] = [
    {
      id: 'ostsee-tidal',
      title: 'Data analyst, tidal forecasts',
      company: 'Ostsee Hydrographie',
      location: 'Rostock',
      mode: 'on site',
      salary: '€54,000 to €61,000',
      age: 9 * DAY_MS,
      match: 71,
      reason: 'Close to your work on time series; German is asked for.',
      skills: ['Python', 'Time series', 'PostGIS'],
      summary:
        'You turn gauge readings into forecasts that ports plan by. The team of six sits by the water and ships its model every second Thursday.',
    },
    {
      id: 'feldmark-geo',
      title: 'Geodata engineer',
      company: 'Feldmark Agrar',
      location: 'Leipzig',
      mode: 'hybrid',
      salary: '€62,000 to €70,000',
      age: 6 * DAY_MS,
      match: 78,
      reason: 'Uses PostGIS and Python, as your last two roles did.',
      skills: ['PostGIS', 'Python', 'Rasters'],
      summary:
        'Satellite images of 40,000 fields become advice that a farmer can act on before breakfast. You own the pipeline from the raw tile to the map.',
    },
    {
      id: 'lumen-pm',
      title: 'Product analyst, smart metering',
      company: 'Lumen Stadtwerke',
      location: 'Freiburg',
      mode: 'hybrid',
      salary: '€58,000 to €66,000',
      age: 4 * DAY_MS,
      match: 82,
      reason: 'Your dashboards for network losses are what they describe.',
      skills: ['SQL', 'Experiments', 'Metering'],
      summary:
        'Find out what 90,000 smart meters say about how a city uses power, and tell the people who can change it.',
    },
    {
      id: 'maple-claims',
      title: 'Analytics lead, claims',
      company: 'Maple & Harrow',
      location: 'Dublin',
      mode: 'remote',
      salary: '€78,000 to €85,000',
      age: 3 * DAY_MS,
      match: 68,
      reason: 'You would lead three people, a step that you said you want.',
      skills: ['Leadership', 'SQL', 'Insurance'],
      summary:
        'Lead a small team that finds the slow steps between a claim and its payment. Remote within two hours of Irish time.',
    },
    {
      id: 'rijnland-hydro',
      title: 'Hydrology data engineer',
      company: 'Waterschap Rijnland',
      location: 'Leiden',
      mode: 'hybrid',
      salary: '€64,000 to €73,000',
      age: 2 * DAY_MS,
      match: 92,
      reason: 'Sensor data, PostGIS and on-call: nine of ten of your skills.',
      skills: ['PostGIS', 'Streaming', 'Python', 'Sensors'],
      summary:
        'Two thousand sensors report the level of every polder each minute. You keep their readings right, complete and fast, so that the pumps start in time.',
    },
    {
      id: 'kystverket-tide',
      title: 'Tide-gauge technician, data',
      company: 'Kystverket',
      location: 'Ålesund',
      mode: 'on site',
      salary: 'NOK 690,000',
      age: 26 * HOUR_MS,
      match: 74,
      reason: 'Field work two weeks a month; the rest is your kind of data.',
      skills: ['Sensors', 'Python', 'Field work'],
      summary:
        'Half of the job is a boat and a toolbox, half is a notebook full of readings. You look after 24 gauges between Bergen and Kristiansund.',
    },
    {
      id: 'nordlys-market',
      title: 'Market data analyst',
      company: 'Nordlys Energi',
      location: 'Trondheim',
      mode: 'remote',
      salary: 'NOK 820,000',
      age: 7 * HOUR_MS,
      match: 88,
      reason: 'Same team as the grid analyst role that you applied for.',
      skills: ['Time series', 'Python', 'Power markets'],
      summary:
        'Day-ahead prices, balancing, and the weather behind both. You explain yesterday before lunch and estimate tomorrow after it.',
    },
  ]
  return rows.map(({ age, match, reason, ...job }) => ({
    job: { ...job, posted_at: ago(now, age) },
    match_score: match,
    reason,
  }))
}

/** Oldest first, as they were sent. */
export function seedApplications(now: number): readonly NewApplication[] {
  const day = (days: number) => ago(now, days * DAY_MS)
  return [
    {
      id: 'app-201',
      job_title: 'Reporting analyst',
      company: 'Brauer Logistik',
      location: 'Hamburg',
      status: 'rejected',
      applied_at: day(46),
      updated_at: day(40),
    },
    {
      id: 'app-205',
      job_title: 'Energy data scientist',
      company: 'Voltaire Réseaux',
      location: 'Lyon',
      status: 'declined',
      applied_at: day(38),
      updated_at: day(31),
      note: 'You declined: the office would have been four days a week.',
    },
    {
      id: 'app-209',
      job_title: 'Survey data manager',
      company: 'Institut Bodensee',
      location: 'Konstanz',
      status: 'submitted',
      applied_at: day(24),
      updated_at: day(24),
    },
    {
      id: 'app-212',
      job_title: 'Analytics engineer',
      company: 'Tramontana Rail',
      location: 'Turin, remote',
      status: 'under_review',
      applied_at: day(19),
      updated_at: day(8),
    },
    {
      id: 'app-214',
      job_title: 'Data steward, water quality',
      company: 'Stadtentwässerung Graz',
      location: 'Graz',
      status: 'under_review',
      applied_at: day(15),
      updated_at: day(2.2),
    },
    {
      id: 'app-217',
      job_title: 'Forecasting analyst',
      company: 'Perch & Tern',
      location: 'Cork, hybrid',
      status: 'interview',
      applied_at: day(12),
      updated_at: day(0.9),
      note: `Second interview on ${weekday(now, 3)}, 10:30, with Aoife Brennan.`,
    },
    {
      id: 'app-219',
      job_id: 'lumen-pm',
      job_title: 'Product analyst, smart metering',
      company: 'Lumen Stadtwerke',
      location: 'Freiburg',
      status: 'submitted',
      applied_at: day(3),
      updated_at: day(3),
    },
    {
      id: 'app-216',
      job_title: 'Grid analyst',
      company: 'Nordlys Energi',
      location: 'Trondheim',
      status: 'offer',
      applied_at: day(27),
      updated_at: day(0.2),
      note: `The offer is open until ${weekday(now, 6)}.`,
    },
  ]
}

export function seedNotifications(now: number): readonly AppNotification[] {
  return [
    {
      id: 'note-1',
      category: 'system',
      title: 'Your weekly summary is ready',
      description: 'Two replies, one interview and 14 new jobs that fit.',
      timestamp: ago(now, 5 * DAY_MS),
      actionUrl: '/career-copilot',
      actionLabel: 'Open',
      is_read: true,
    },
    {
      id: 'note-2',
      category: 'social',
      title: 'Tomás Ferreira can introduce you',
      description: 'He worked with the data team of Tramontana Rail until spring.',
      timestamp: ago(now, 2 * DAY_MS),
      is_read: true,
    },
    {
      id: 'note-3',
      category: 'application',
      title: 'Perch & Tern invites you to a second interview',
      description: `${weekday(now, 3)}, 10:30, with Aoife Brennan. One hour, by video.`,
      timestamp: ago(now, 21 * HOUR_MS),
      actionUrl: '/career-copilot/applications',
      actionLabel: 'See application',
      is_read: false,
    },
    {
      id: 'note-4',
      category: 'recommendation',
      title: 'Put PostGIS on your first line',
      description: 'Five of your last eight matches ask for it, and your profile names it last.',
      timestamp: ago(now, 3 * HOUR_MS),
      is_read: false,
    },
  ]
}

/** A working day some days from now, in words. */
function weekday(now: number, days: number): string {
  const date = new Date(now + days * DAY_MS)
  while (date.getDay() === 0 || date.getDay() === 6) date.setTime(date.getTime() + DAY_MS)
  return date.toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long' })
}
