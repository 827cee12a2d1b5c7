// Whose job search it is, for every component below the provider.

import { createContext, useContext } from 'react'

export const UserContext = createContext('demo')

export const useUser = () => useContext(UserContext)
