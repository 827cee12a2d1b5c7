// As much of socket.io-client as the page uses. The package itself is installed by the bench command alone, and the
// types of everything have to hold without it.

declare module 'socket.io-client' {
  type Hear = (data: { readonly serial: number }) => void
  interface Socket {
    on(event: string, listener: Hear): unknown
    off(event: string, listener: Hear): unknown
  }
  export function io(options: { readonly transports: readonly string[] }): Socket
}
