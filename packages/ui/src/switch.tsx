// On or off, at once: what a setting is switched with.

export interface SwitchProps {
  readonly label: string
  readonly hint?: string | undefined
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
  readonly isDisabled?: boolean | undefined
}

export function Switch({ label, hint, isOn, onChange, isDisabled }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      className="td-switch"
      aria-checked={isOn}
      disabled={isDisabled}
      onClick={() => onChange(!isOn)}
    >
      <span className="td-switch-words">
        <span className="td-switch-label">{label}</span>
        {hint !== undefined && <span className="td-switch-hint">{hint}</span>}
      </span>
      <span className="td-switch-track">
        <span className="td-switch-thumb" />
      </span>
    </button>
  )
}
