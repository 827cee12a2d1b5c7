// The door for component tests with Testing Library.

export {
  type RenderedWithTidings,
  type RenderWithTidingsOptions,
  renderWithTidings,
} from './react/render.tsx'
