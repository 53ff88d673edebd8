import { markedAnswer } from './marked-answer.js'
import type { Reading } from './reading-handler.js'
import { isFailure, onlyBlockOf, type ToolAnswer } from './tool-answer.js'
import { passedOnAnswer, statedAnswer } from './unmarked-answer.js'

/**
 * Applies a reading to failed results only. In a good result, the texts are what the tool found: a page, a
 * log, somebody's message. A challenge that is quoted there asks nobody for money.
 */
export function inFailure(reading: Reading): Reading {
  return (result) => (isFailure(result) ? reading(result) : undefined)
}

/** Reads an object that a tool returned, if the object states itself that it is a 402. */
export function returnedAnswer(result: unknown): ToolAnswer | undefined {
  const only = onlyBlockOf(result)
  return typeof only === 'string' ? undefined : statedAnswer(only)
}

/** Reads a 402 that a tool passes on: the tool calls other tools, and their servers ask for money. */
export function passedOn(result: unknown): ToolAnswer | undefined {
  const only = onlyBlockOf(result)
  return typeof only === 'string' ? undefined : passedOnAnswer(only)
}

/**
 * Reads the one text of a tool whose texts are its own, e.g. `http_request` of this package and of AWS's
 * plugin.
 */
export function markedAlone(result: unknown): ToolAnswer | undefined {
  return typeof onlyBlockOf(result) === 'string' ? markedAnswer(result) : undefined
}
