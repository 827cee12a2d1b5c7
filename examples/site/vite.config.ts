// The pages of every example, each with its own entry, built into dist for the server to serve.

import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'
import { offline, WORKER } from './offline/plugin.ts'

const page = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: page('.'),
  plugins: [react(), offline()],
  // Career Copilot was a Next.js app, and its settings keep their names.
  envPrefix: ['VITE_', 'NEXT_PUBLIC_'],
  // The packages' sources, as everything else in this repository: nothing has to be built before.
  resolve: { conditions: ['@tidings/source', ...defaultClientConditions] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    rolldownOptions: {
      input: {
        start: page('index.html'),
        hello: page('hello/index.html'),
        biologyAcademy: page('biology-academy/index.html'),
        gallery: page('gallery/index.html'),
        'career-copilot': page('career-copilot/index.html'),
        worker: page('offline/worker.ts'),
      },
      output: {
        entryFileNames: ({ name }) => (name === 'worker' ? WORKER : 'assets/[name]-[hash].js'),
      },
    },
  },
})
