import { markedAnswer } from './marked-answer.js'
import type { Reading } from './reading-handler.js'
import { isFailure, onlyBlockOf, type ToolAnswer } from './tool-answer.js'
import { passedOnAnswer, statedAnswer } from './unmarked-answer.js'

/**
 * A reading of results that failed. In a good one the texts are what the tool found: a page, a log, a message of
 * somebody else. A challenge quoted there asks nobody for money.
 */
export function inFailure(reading: Reading): Reading {
  return (result) => (isFailure(result) ? reading(result) : undefined)
}

/** The object that a tool returned, where that states itself that it is a 402. */
export function returnedAnswer(result: unknown): ToolAnswer | undefined {
  const only = onlyBlockOf(result)
  return typeof only === 'string' ? undefined : statedAnswer(only)
}

/** The same of a tool that calls others: it passes on what their servers ask for. */
export function passedOn(result: unknown): ToolAnswer | undefined {
  const only = onlyBlockOf(result)
  return typeof only === 'string' ? undefined : passedOnAnswer(only)
}

/** The one text of a tool whose texts are its own, such as `http_request` of this package and of AWS's plugin. */
export function markedAlone(result: unknown): ToolAnswer | undefined {
  return typeof onlyBlockOf(result) === 'string' ? markedAnswer(result) : undefined
}
