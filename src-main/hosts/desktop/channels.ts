/** The two names under which the page and the studio speak on the desktop. */
export const callChannel = 'engram:call'
export const eventChannel = 'engram:event'
