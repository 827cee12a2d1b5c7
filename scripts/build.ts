// `npm run build`: the packages as they are published. The compiler alone does it: one module in dist for each in src.
// Nothing is bundled or minified here, since whoever uses a package bundles it, and leaves out what is not used.

import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { readPackages } from './packages.ts'

for (const { folder, path, manifest } of readPackages()) {
  rmSync(join(path, 'dist'), { recursive: true, force: true })
  const { status } = spawnSync('tsc', ['-p', join(path, 'tsconfig.build.json')], { stdio: 'inherit' })
  if (status !== 0) {
    console.error(`packages/${folder} could not be built; the reason is above.`)
    process.exit(1)
  }
  console.log(`built ${manifest.name}`)
}
