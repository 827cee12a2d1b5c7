// Numbers and times in the reader's own way.

const format = (options: Intl.NumberFormatOptions) => {
  const formatter = new Intl.NumberFormat(undefined, options)
  return (value: number) => formatter.format(value)
}

export const oneDigit = format({ minimumFractionDigits: 1, maximumFractionDigits: 1 })
export const whole = format({ maximumFractionDigits: 0 })
export const exactly = format({ minimumFractionDigits: 2, maximumFractionDigits: 2 })

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
export const clockTime = (at: number) => time.format(at)
