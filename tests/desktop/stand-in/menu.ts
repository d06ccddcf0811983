/** Menus of the stand-in: https://www.electronjs.org/docs/latest/api/menu-item */

export interface MenuTemplate {
  label?: string
  role?: string
  type?: string
  accelerator?: string
  id?: string
  submenu?: MenuTemplate[]
  click?: (item: StandInItem) => void
}

export interface StandInItem {
  label: string
  role?: string
  type: string
  accelerator?: string
  id?: string
  submenu?: StandInMenu
  click(): void
}

export interface StandInMenu {
  items: StandInItem[]
}

export interface Deeds {
  name: string
  quit(): void
  close(): void
  reload(): void
}

interface Role {
  label: string
  accelerator?: string
  submenu?: MenuTemplate[]
  deed?: 'quit' | 'close' | 'reload'
}

/** The roles and what they bring: https://www.electronjs.org/docs/latest/api/menu-item#roles */
const roles: Record<string, Role> = {
  quit: { label: 'Quit', accelerator: 'CommandOrControl+Q', deed: 'quit' },
  close: { label: 'Close Window', accelerator: 'CommandOrControl+W', deed: 'close' },
  reload: { label: 'Reload', accelerator: 'CmdOrCtrl+R', deed: 'reload' },
  toggledevtools: { label: 'Toggle Developer Tools', accelerator: 'Ctrl+Shift+I' },
  resetzoom: { label: 'Actual Size', accelerator: 'CommandOrControl+0' },
  zoomin: { label: 'Zoom In', accelerator: 'CommandOrControl+Plus' },
  zoomout: { label: 'Zoom Out', accelerator: 'CommandOrControl+-' },
  togglefullscreen: { label: 'Toggle Full Screen', accelerator: 'F11' },
  minimize: { label: 'Minimize', accelerator: 'CommandOrControl+M' },
  zoom: { label: 'Zoom' },
  undo: { label: 'Undo', accelerator: 'CommandOrControl+Z' },
  redo: { label: 'Redo', accelerator: 'Control+Y' },
  cut: { label: 'Cut', accelerator: 'CommandOrControl+X' },
  copy: { label: 'Copy', accelerator: 'CommandOrControl+C' },
  paste: { label: 'Paste', accelerator: 'CommandOrControl+V' },
  delete: { label: 'Delete' },
  selectall: { label: 'Select All', accelerator: 'CommandOrControl+A' },
  editmenu: {
    label: 'Edit',
    submenu: ['undo', 'redo', 'cut', 'copy', 'paste', 'delete', 'selectall'].map((role) => ({ role }))
  },
  windowmenu: { label: 'Window', submenu: ['minimize', 'zoom', 'close'].map((role) => ({ role })) },
  help: { label: 'Help' }
}
const types = ['normal', 'separator', 'submenu', 'checkbox', 'radio']

export function menuOf(template: readonly MenuTemplate[], deeds: Deeds): StandInMenu {
  if (!Array.isArray(template)) throw new TypeError('Invalid template for Menu: Menu template must be an array')
  return { items: template.map((item) => itemOf(item as MenuTemplate, deeds)) }
}

function itemOf(item: MenuTemplate, deeds: Deeds): StandInItem {
  if (item.label === undefined && item.role === undefined && item.type === undefined)
    throw new TypeError('Invalid template for MenuItem: must have at least one of label, role or type')
  const role = item.role === undefined ? undefined : roles[item.role.toLowerCase()]
  if (item.role !== undefined && !role) throw new Error(`Unknown menu role: ${item.role}`)
  const submenu = item.submenu ?? role?.submenu
  const type = item.type ?? (submenu ? 'submenu' : 'normal')
  if (!types.includes(type)) throw new Error(`Unknown menu item type: ${type}`)
  const made: StandInItem = {
    label: item.label ?? role?.label ?? '',
    ...(item.role !== undefined && { role: item.role.toLowerCase() }),
    type,
    accelerator: item.accelerator ?? role?.accelerator,
    ...(item.id !== undefined && { id: item.id }),
    ...(submenu && { submenu: menuOf(submenu, deeds) }),
    // With a role, click is ignored: https://www.electronjs.org/docs/latest/api/menu-item#new-menuitemoptions
    click: () => (role?.deed ? deeds[role.deed]() : item.role === undefined && item.click?.(made))
  }
  return made
}
