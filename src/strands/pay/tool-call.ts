import type { AfterToolCallEvent } from '@strands-agents/sdk'

/** What the SDK calls so, without exporting it. */
export type ToolUseData = AfterToolCallEvent['toolUse']
