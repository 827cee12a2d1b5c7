// What the academy writes to its learners.

import type { NotificationMessage } from '../contract.ts'

export const news: readonly Omit<NotificationMessage, 'id'>[] = [
  {
    title: 'Feedback on your lab report',
    message: 'Dr Okafor commented on “Osmosis in potato tissue”. Two remarks, both about the error bars.',
    type: 'info',
    priority: 'medium',
  },
  {
    title: 'Quiz passed: Membrane transport',
    message: '18 of 20. You missed the two questions on secondary active transport.',
    type: 'success',
    priority: 'medium',
    actionUrl: '/biology-academy/metrics',
    actionText: 'See your progress',
  },
  {
    title: 'Jonas asked to study with you',
    message: 'He is working through Mitosis and meiosis and has got as far as crossing over.',
    type: 'info',
    priority: 'medium',
    actionUrl: '/biology-academy/sessions',
    actionText: 'Open study sessions',
  },
  {
    title: 'Flashcards for today',
    message: '24 cards are due, most of them on the Calvin cycle.',
    type: 'info',
    priority: 'low',
  },
  {
    title: 'Assignment closes tomorrow',
    message: 'The pedigree analysis for Mendelian inheritance has to be in by 18:00.',
    type: 'warning',
    priority: 'high',
  },
  {
    title: 'New material in Protein synthesis',
    message: 'An animation of the ribosome, with the tRNA sites labelled.',
    type: 'info',
    priority: 'low',
  },
  {
    title: 'Live session moved',
    message: 'Food webs with Ingrid Solberg starts at 16:30 instead of 16:00.',
    type: 'warning',
    priority: 'medium',
    actionUrl: '/biology-academy/sessions',
    actionText: 'Open study sessions',
  },
  {
    title: 'Milestone: 40 hours of study',
    message: 'Ten of them on genetics, your strongest unit so far.',
    type: 'success',
    priority: 'low',
    actionUrl: '/biology-academy/metrics',
    actionText: 'See your progress',
  },
  {
    title: 'Your upload could not be read',
    message:
      'The photo of the onion-skin slide is not a picture that we know. Save it as JPEG or PNG and try again.',
    type: 'error',
    priority: 'medium',
  },
  {
    title: 'Microscope images may load slowly',
    message: 'The image store is being moved tonight between 02:00 and 03:00.',
    type: 'info',
    priority: 'low',
    actionUrl: '/biology-academy/status',
    actionText: 'System status',
  },
]
