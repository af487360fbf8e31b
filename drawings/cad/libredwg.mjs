// Reads one DWG with LibreDWG (WebAssembly, GPL-3) in a process of its own and writes, into the current folder:
//   objects.json   what the file itself holds: entities by owner and type, layers, header values, where the previews are
//   previews.bin   proxy graphics of entities, one after the other
//   drawing.dxf    the drawing as DXF, last, because the writer may take long or fail
// usage: node libredwg.mjs <package folder> <source.dwg> [<copy of it whose classes LibreDWG reads whole>]
// The copy tells of the objects; the DXF comes of the file itself, because the writer dies of some copies.
import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const [folder, source, copy] = process.argv.slice(2)
const { default: createModule } = await import(pathToFileURL(path.join(folder, 'wasm', 'libredwg-web.js')).href)
const quiet = () => {}
const dwg = await createModule({ print: quiet, printErr: quiet })
const value = (v) => v?.value ?? v
const hex = (v) => (v === undefined || v === null ? '' : BigInt(v).toString(16).toUpperCase())
const field = (object, name) => {
  try {
    const found = dwg.dwg_dynapi_entity_value(object, name)
    return found?.success === false ? null : (found?.data ?? null)
  } catch {
    return null
  }
}
// Texts before 2007 are bytes in the code page of the file.
const words = (object, name) => {
  try {
    const found = dwg.dwg_dynapi_entity_value(object, name)
    if (found?.bin && found.bin.length !== undefined) return { bytes: Buffer.from(found.bin).toString('hex') }
    return { text: String(found?.data ?? '') }
  } catch {
    return { text: '' }
  }
}
const attribute = (object) => {
  const entity = dwg.dwg_object_to_entity(object)
  const tio = dwg.dwg_object_to_entity_tio(object)
  const row = { handle: hex(dwg.dwg_object_get_handle_object(object)?.value) }
  row.owner = hex(dwg.dwg_object_entity_get_ownerhandle_object(entity)?.absolute_ref)
  row.layer = hex(dwg.dwg_object_entity_get_layer_object_ref(entity)?.absolute_ref)
  row.invisible = value(dwg.dwg_object_entity_get_invisible(entity))
  row.color = dwg.dwg_object_entity_get_color_object(entity)?.index ?? 256
  const style = field(tio, 'style')
  row.style = style ? hex(dwg.dwg_ref_get_handle_absolute_ref(style)) : ''
  row.tag = words(tio, 'tag')
  row.text = words(tio, 'text_value')
  for (const name of ['ins_pt', 'alignment_pt', 'extrusion', 'elevation', 'height', 'rotation', 'width_factor', 'oblique_angle',
    'generation', 'horiz_alignment', 'vert_alignment', 'flags']) row[name] = field(tio, name)
  return row
}
// Entities that the file no longer has stay in the table of their block: they order nothing.
const order = (data, object) => {
  const tio = dwg.dwg_object_to_object_tio(object)
  const block = field(tio, 'block_owner')
  const row = [block ? hex(dwg.dwg_ref_get_handle_absolute_ref(block)) : '', null]
  const needed = (name) => {
    const found = field(tio, name)
    if (found === null) throw new Error(name)
    return found
  }
  try {
    const number = needed('num_ents')
    const refs = (name) => (number > 0 ? Array.from(dwg.dwg_ptr_to_object_ref_ptr_array(needed(name), number)) : [])
    const sorts = refs('sort_ents')
    row[1] = refs('ents')
      .map((ref, at) => [dwg.dwg_ref_get_handle_absolute_ref(ref), dwg.dwg_ref_get_handle_absolute_ref(sorts[at])])
      .filter(([handle]) => dwg.dwg_resolve_handle_silent(data, BigInt(handle)) !== 0)
      .map((pair) => pair.map(hex))
  } catch {
    // a table that is there and cannot be read: named as such
  }
  return row
}
const header = (data, name) => {
  try {
    const found = dwg.dwg_dynapi_header_value(data, name).data
    return typeof found === 'number' && Number.isFinite(found) ? found : null
  } catch {
    return null
  }
}

dwg.FS.writeFile('source.dwg', fs.readFileSync(source))
if (copy) dwg.FS.writeFile('copy.dwg', fs.readFileSync(copy))
const read = dwg.dwg_read_file(copy ? 'copy.dwg' : 'source.dwg')
const out = { error: read.error, header: {}, layers: [], owners: {}, types: {}, objects: {}, previews: [], colors: [], attributes: [], widths: [], orders: [], unread: [], codepage: 0 }
if (!read.data) {
  fs.writeFileSync('objects.json', JSON.stringify(out))
  process.exit(0)
}
const data = read.data
try {
  out.codepage = value(dwg.dwg_get_codepage(data))
} catch {
  out.codepage = 0
}
for (const name of ['LTSCALE', 'CELTSCALE', 'PDMODE', 'PDSIZE', 'INSUNITS', 'MEASUREMENT', 'PSLTSCALE']) {
  out.header[name] = header(data, name)
}

const previews = []
let offset = 0
const count = dwg.dwg_get_num_objects(data)
for (let i = 0; i < count; i++) {
  const object = dwg.dwg_get_object(data, i)
  if (!object) continue
  const kind = dwg.dwg_object_get_dxfname(object)
  if (value(dwg.dwg_object_get_supertype(object)) !== 0) {
    out.objects[kind] = (out.objects[kind] ?? 0) + 1
    if (kind === 'LAYER') {
      const tio = dwg.dwg_object_to_object_tio(object)
      out.layers.push({
        handle: hex(dwg.dwg_object_get_handle_object(object)?.value),
        name: String(field(tio, 'name') ?? ''),
        off: Boolean(field(tio, 'off')),
        frozen: Boolean(field(tio, 'frozen')),
        locked: Boolean(field(tio, 'locked')),
        plot: field(tio, 'plotflag') !== 0,
      })
    } else if (kind === 'BLOCK_HEADER' || kind === 'BLOCK_RECORD') {
      const tio = dwg.dwg_object_to_object_tio(object)
      out.owners[hex(dwg.dwg_object_get_handle_object(object)?.value)] = String(field(tio, 'name') ?? '')
    } else if (kind === 'SORTENTSTABLE') {
      // The DXF writer drops them from R14, and from a file whose classes it misreads.
      out.orders.push(order(data, object))
    } else if (String(kind).startsWith('UNKNOWN')) {
      out.unread.push(hex(dwg.dwg_object_get_handle_object(object)?.value))
    }
    continue
  }
  out.types[kind] = (out.types[kind] ?? 0) + 1
  // The DXF writer drops true colours that have a name and all transparency.
  try {
    const color = dwg.dwg_object_entity_get_color_object(dwg.dwg_object_to_entity(object))
    const named = color.method === 0xc2 || ((color.rgb >>> 24) & 0xff) === 0xc2
    if (named || color.alpha_type === 3) {
      const handle = hex(dwg.dwg_object_get_handle_object(object)?.value)
      out.colors.push([handle, named ? color.rgb & 0xffffff : null, color.alpha_type === 3 ? color.alpha & 0xff : null])
    }
  } catch {
    // no colour of its own
  }
  // The DXF writer ends the attributes of a block reference at the first of several lines.
  if (kind === 'ATTRIB') {
    try {
      out.attributes.push(attribute(object))
    } catch {
      // counted, and named as lost
    }
  }
  // The DXF writer drops the widths of a polyline that has other ones from vertex to vertex.
  if (kind === 'LWPOLYLINE') {
    try {
      const tio = dwg.dwg_object_to_entity_tio(object)
      const number = field(tio, 'num_widths')
      const widths = number > 0 ? Array.from(dwg.dwg_ptr_to_double_array(field(tio, 'widths'), 2 * number)) : []
      if (widths.some((width) => width > 0)) out.widths.push([hex(dwg.dwg_object_get_handle_object(object)?.value), widths])
    } catch {
      // shown as thin as a line without width
    }
  }
  let bytes = null
  try {
    bytes = dwg.dwg_entity_get_preview(object)?.data ?? null
  } catch {
    bytes = null
  }
  if (bytes?.length) {
    const entity = dwg.dwg_object_to_entity(object)
    let owner = ''
    let layer = ''
    let mode = -1
    let invisible = 0
    try {
      owner = hex(dwg.dwg_object_entity_get_ownerhandle_object(entity)?.absolute_ref)
      layer = hex(dwg.dwg_object_entity_get_layer_object_ref(entity)?.absolute_ref)
      mode = value(dwg.dwg_object_entity_get_entmode(entity))
      invisible = value(dwg.dwg_object_entity_get_invisible(entity))
    } catch {
      // an entity without owner is reported by type
    }
    out.previews.push({
      handle: hex(dwg.dwg_object_get_handle_object(object)?.value), type: kind, owner, layer, mode, invisible,
      at: offset, bytes: bytes.length,
    })
    previews.push(Buffer.from(bytes))
    offset += bytes.length
  }
}
fs.writeFileSync('previews.bin', Buffer.concat(previews))
fs.writeFileSync('objects.json', JSON.stringify(out, (_, v) => (typeof v === 'bigint' ? hex(v) : v)))

// The writer turns each spatial index into tens of megabytes: such drawings go to the other reader.
if (out.objects.SPATIAL_INDEX) process.exit(0)
const error = dwg.dwg_write_dxf('source.dwg', 'drawing.dxf')
if (error < 128) {
  fs.writeFileSync('drawing.part', dwg.FS.readFile('drawing.dxf'))
  fs.renameSync('drawing.part', 'drawing.dxf')
}
process.exit(0)
