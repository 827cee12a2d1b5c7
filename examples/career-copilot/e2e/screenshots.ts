// `npm run screenshots`: Career Copilot as people see it, in .cache/screenshots/career-copilot: a desk and a phone,
// light and dark, each page, and the states that are rarely met.

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { launch, type Visit, visit } from '@tidings/example-hello/e2e/browser.ts'
import { Link } from '@tidings/example-hello/e2e/link.ts'
import { buildPages, pause, root, Site, until } from '@tidings/example-hello/e2e/site.ts'
import { feed } from './feed.ts'

const folder = join(root, '.cache', 'screenshots', 'career-copilot')
const screens: Readonly<Record<string, Visit>> = {
  desk: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
}

const longName = 'Gemeinschaftsverwaltung Wasserwirtschaft und Hochwasserschutz Nordost-Oberfranken'
const longMatch = [
  'match',
  '--title',
  'Senior principal hydrological data platform engineer, transboundary catchments and flood forecasting',
  ...['--company', longName, '--location', 'Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch'],
  ...[
    '--score',
    '97',
    '--reason',
    'Ten years of gauges, rainfall radar and PostGIS, which is what they ask for.',
  ],
]
const longNotice = [
  'notify',
  ...['--category', 'social', '--title', `${longName} looked at your profile and would like to talk to you`],
  '--description',
  'They have an opening from January, in a team of nine, and ask whether you could come to Hof for a day.',
]

buildPages()
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const browser = await launch()
const site = await Site.start()
const link = await Link.to(site.port)
try {
  for (const [screen, options] of Object.entries(screens)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const shot = (state: string) => ({ path: join(folder, `${state}-${screen}-${colorScheme}.png`) })
      const { page, context } = await visit(browser, `${link.url}/career-copilot`, {
        ...options,
        colorScheme,
      })
      const calm = () => pause(700)
      await until('the page is connected', () =>
        page.locator('.cc-head [data-status="connected"]').isVisible(),
      )
      await page.locator('.cc-row').first().waitFor()
      await calm()
      await page.screenshot(shot('dashboard'))
      await feed(
        site,
        'match',
        '--title',
        'Network planner, district heating',
        '--company',
        'Fjernvarme Fyn',
        '--location',
        'Odense',
        '--mode',
        'hybrid',
        '--score',
        '86',
        '--reason',
        'Your network models fit their pipes.',
      )
      await page.locator('.td-toast').first().waitFor()
      await feed(
        site,
        'status',
        '--application',
        'app-212',
        '--from',
        'under_review',
        '--to',
        'interview',
        '--title',
        'Analytics engineer',
        '--company',
        'Tramontana Rail',
      )
      await until('both are told', async () => (await page.locator('.td-toast').count()) > 1)
      await calm()
      await page.screenshot(shot('toasts'))
      await page.getByRole('button', { name: /^Notifications/ }).click()
      await calm()
      await page.screenshot(shot('notifications'))
      await page.getByRole('dialog').getByRole('button', { name: 'Preferences' }).click()
      await calm()
      await page.screenshot(shot('preferences'))
      await page.keyboard.press('Escape')
      await until('toasts are gone', async () => (await page.locator('.td-toast').count()) === 0)
      await page.getByRole('link', { name: /^Jobs/ }).click()
      await page.locator('.cc-job').first().waitFor()
      await calm()
      await page.screenshot(shot('jobs'))
      await page.getByRole('link', { name: /Hydrology data engineer/ }).click()
      await calm()
      await page.screenshot(shot('job'))
      await page.getByRole('link', { name: /^Applications/ }).click()
      await page.locator('.cc-application').first().waitFor()
      await calm()
      await page.screenshot(shot('applications'))
      link.cut()
      await page.locator('.td-banner').waitFor()
      await pause(5_500)
      await page.screenshot(shot('offline'))
      link.mend()
      await context.close()

      const stranger = await visit(browser, `${site.url}/career-copilot?user=new-${screen}-${colorScheme}`, {
        ...options,
        colorScheme,
      })
      await stranger.page.getByText('No applications yet').waitFor()
      await calm()
      await stranger.page.screenshot(shot('first-visit'))
      for (const name of ['Jobs', 'Applications']) {
        await stranger.page.getByRole('navigation').getByRole('link', { name }).click()
        await calm()
        await stranger.page.screenshot(shot(`no-${name.toLowerCase()}`))
      }
      await stranger.context.close()

      const user = `long-${screen}-${colorScheme}`
      await feed(site, '--user', user, ...longMatch)
      await feed(site, '--user', user, ...longNotice)
      const reader = await visit(browser, `${site.url}/career-copilot/jobs?user=${user}`, {
        ...options,
        colorScheme,
      })
      await reader.page.locator('.cc-job-link').first().click()
      await reader.page.getByRole('button', { name: 'Apply' }).click()
      await reader.page.getByRole('article').getByText('Applied').waitFor()
      await feed(site, '--user', user, ...longMatch.with(2, 'מהנדסת נתוני הידרולוגיה'))
      await reader.page.locator('.td-toast').first().waitFor()
      await calm()
      await reader.page.screenshot(shot('long-job'))
      await reader.page.getByRole('button', { name: /^Notifications/ }).click()
      await calm()
      await reader.page.screenshot(shot('long-notification'))
      await reader.page.keyboard.press('Escape')
      await reader.page.getByRole('link', { name: /^Applications/ }).click()
      await calm()
      await reader.page.screenshot(shot('long-application'))
      await reader.context.close()
    }
  }
} finally {
  await browser.close()
  link.close()
  await site.stop()
}
console.log(`Screenshots are in ${folder}`)
