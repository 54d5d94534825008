/** Where journald takes entries (systemd-journald.socket(8)). */
export const journalSocket = '/run/systemd/journal/socket'
