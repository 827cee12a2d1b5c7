// The switches at the top of the gallery.

import type { View } from './view.ts'

const groups = [
  { name: 'theme', title: 'Theme', options: { system: 'System', light: 'Light', dark: 'Dark' } },
  { name: 'direction', title: 'Direction', options: { ltr: 'Left to right', rtl: 'Right to left' } },
  { name: 'motion', title: 'Motion', options: { system: 'System', reduced: 'Reduced', full: 'Full' } },
  { name: 'content', title: 'Content', options: { none: 'None', usual: 'Usual', much: 'Much' } },
  { name: 'width', title: 'Width', options: { desk: 'Desk', phone: 'Phone' } },
] as const

export function Controls({ view, onChange }: { view: View; onChange: (view: View) => void }) {
  return (
    <div className="controls">
      {groups.map(({ name, title, options }) => (
        <fieldset className="control" key={name}>
          <legend>{title}</legend>
          <div className="control-options">
            {Object.entries(options).map(([value, label]) => (
              <label className="control-option" key={value}>
                <input
                  type="radio"
                  name={name}
                  value={value}
                  checked={view[name] === value}
                  onChange={() => onChange({ ...view, [name]: value })}
                />
                <span>{label}</span>
              </label>
            ))}
          </div>
        </fieldset>
      ))}
    </div>
  )
}
