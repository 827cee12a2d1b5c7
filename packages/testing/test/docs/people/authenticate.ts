import { type Authenticate, anonymous, jwtAuthenticator } from '@tidings/server'

const visitor = anonymous()
const signedIn = jwtAuthenticator({ algorithms: ['HS256'], secret: process.env.TIDINGS_JWT_SECRET ?? '' })

export const authenticate: Authenticate = (credentials) =>
  credentials.token === undefined ? visitor(credentials) : signedIn(credentials)
