'use client'
// A panel that belongs to a button: opens beside it, takes the focus, and gives it back. Closes by Escape, by a press
// elsewhere, and when the focus moves on. Not modal: the page behind goes on.

import {
  type FocusEvent,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react'

export interface PopoverTrigger {
  readonly 'aria-haspopup': 'dialog'
  readonly 'aria-expanded': boolean
  readonly 'aria-controls': string | undefined
  readonly onClick: () => void
}

export interface PopoverProps {
  readonly className: string
  /** Names the panel. */
  readonly label: string
  /** Which edge of the button the panel keeps to. Default: `end`. */
  readonly align?: 'start' | 'end' | undefined
  readonly trigger: (props: PopoverTrigger, isOpen: boolean) => ReactNode
  readonly children: (close: () => void) => ReactNode
  readonly onOpenChange?: ((isOpen: boolean) => void) | undefined
}

export function Popover({ className, label, align = 'end', trigger, children, onOpenChange }: PopoverProps) {
  const [isOpen, setIsOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const id = useId()

  const change = (next: boolean) => {
    setIsOpen(next)
    onOpenChange?.(next)
  }
  const close = () => {
    // Only a focus that would be lost with the panel goes back to the button, or one that is lost already.
    const hadFocus = isFocusLost() || (panel.current?.contains(document.activeElement) ?? false)
    change(false)
    if (hadFocus) root.current?.querySelector('button')?.focus()
  }

  const latest = useRef({ change, close })
  useEffect(() => {
    latest.current = { change, close }
  })
  useEffect(() => {
    if (!isOpen) return
    panel.current?.focus({ preventScroll: true })
    const closeOutside = ({ target }: Event) => {
      if (target instanceof Node && !root.current?.contains(target)) latest.current.change(false)
    }
    // What had the focus may have gone or been disabled: then the key is the page's, and still meant for the panel.
    const closeLost = ({ key }: { readonly key: string }) => {
      if (key === 'Escape' && isFocusLost()) latest.current.close()
    }
    document.addEventListener('pointerdown', closeOutside)
    document.addEventListener('keydown', closeLost)
    return () => {
      document.removeEventListener('pointerdown', closeOutside)
      document.removeEventListener('keydown', closeLost)
    }
  }, [isOpen])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !isOpen) return
    event.stopPropagation()
    close()
  }
  const onBlur = ({ relatedTarget }: FocusEvent) => {
    if (relatedTarget instanceof Node && !root.current?.contains(relatedTarget)) change(false)
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys and focus of the button and the panel come by here
    <div className={`td-popover ${className}`} ref={root} onKeyDown={onKeyDown} onBlur={onBlur}>
      {trigger(
        {
          'aria-haspopup': 'dialog',
          'aria-expanded': isOpen,
          'aria-controls': isOpen ? id : undefined,
          onClick: () => (isOpen ? close() : change(true)),
        },
        isOpen,
      )}
      {isOpen && (
        <div
          className="td-popover-panel"
          data-align={align}
          id={id}
          ref={panel}
          role="dialog"
          aria-label={label}
          tabIndex={-1}
        >
          {children(close)}
        </div>
      )}
    </div>
  )
}

function isFocusLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body
}
