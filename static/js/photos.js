/* Photos in a form: previews, removing one, shrinking before sending to save the citizen's data.
 *
 * Works on every <input type="file" multiple data-photos>; without this script the input works as
 * it is. Choosing again adds to what was chosen, the same photo only once. Attributes of the input:
 *
 *   data-max            how many photos may be chosen here (less those the server keeps already)
 *   data-text-photo     name of a photo                       "Foto {n}"
 *   data-text-remove    its button                            "Hapus foto {n}"
 *   data-text-removed   said after removing                   "Foto {n} dihapus."
 *   data-text-shrinking said while it works                   "Mengecilkan foto {n}…"
 *   data-text-shrunk    said when it saved something          "Foto dikecilkan dari {before} jadi {after}."
 *   data-text-many      said when there are too many          "Pilih paling banyak {max} foto. Hapus {n} foto dulu."
 *
 * In a template: data_text_remove=_("Hapus foto %(n)s", n="{n}"). Sizes are written in the language
 * of the page. The list of photos is <ul class="row photos">, the words a <p class="note" role="status">.
 */

const SIDE = 1600;
const QUALITY = 0.82;
const PREVIEW_WIDTH = 144;

const fill = (text = "", values = {}) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

function sizeIn(language, bytes) {
  const large = bytes >= 1e6;
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: large ? "megabyte" : "kilobyte",
    maximumFractionDigits: large ? 1 : 0,
  }).format(bytes / (large ? 1e6 : 1e3));
}

const same = (a, b) => a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;

/** Browsers that guard against fingerprinting return noise from a canvas; it would spoil the photo. */
function canvasIsTrue() {
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = "rgb(180, 90, 30)";
  context.fillRect(0, 0, 16, 16);
  const { data } = context.getImageData(0, 0, 16, 16);
  return data.every((value, at) => value === [180, 90, 30, 255][at % 4]);
}

function supported() {
  try {
    new DataTransfer().items.add(new File([], "x"));
    return "createImageBitmap" in window && canvasIsTrue();
  } catch {
    return false;
  }
}

async function shrunk(file) {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    if (!blob || blob.type !== "image/jpeg" || blob.size >= file.size) return file;
    return new File([blob], `${file.name.replace(/\.\w+$/, "")}.jpg`, { type: blob.type });
  } catch {
    return file; // not a picture this browser reads: the server says what it thinks of it
  }
}

class Photos {
  constructor(input) {
    this.input = input;
    this.words = input.dataset;
    this.language = input.closest("[lang]")?.lang || undefined;
    this.chosen = [];
    this.list = document.createElement("ul");
    this.list.className = "row photos";
    this.status = document.createElement("p");
    this.status.className = "note";
    this.status.setAttribute("role", "status");
    input.after(this.list, this.status);
    input.addEventListener("change", () => this.add([...input.files]));
    // Coming back to the page, some browsers put the files back by themselves.
    addEventListener("pageshow", () => this.chosen.length || this.add([...input.files]));
  }

  async add(files) {
    files = files.filter((file) => !this.has(file));
    const max = Number(this.words.max) || Infinity;
    const surplus = Math.max(0, this.chosen.length + files.length - max);
    const added = files.slice(0, files.length - surplus).map((file) => this.photo(file));
    this.chosen.push(...added);
    this.show();
    for (const photo of added) await this.shrink(photo);
    if (surplus) this.say("textMany", { max, n: surplus });
    else if (added.length) this.sayWhatWasSaved();
  }

  /** Whether it is chosen already: tapped twice, or told of by both events that hand over files. */
  has(file) {
    return this.chosen.some((photo) => same(photo.original, file) || same(photo.file, file));
  }

  photo(file) {
    const photo = {
      file,
      original: file,
      item: document.createElement("li"),
      image: new Image(PREVIEW_WIDTH),
      button: document.createElement("button"),
    };
    photo.button.type = "button";
    photo.button.className = "btn line slim";
    photo.button.addEventListener("click", () => this.remove(photo));
    photo.item.append(photo.image, photo.button);
    return photo;
  }

  async shrink(photo) {
    const at = this.chosen.indexOf(photo);
    if (at < 0) return; // removed meanwhile
    this.say("textShrinking", { n: at + 1 });
    photo.file = await shrunk(photo.file);
    if (!this.chosen.includes(photo)) return;
    photo.image.src = URL.createObjectURL(photo.file);
    this.hand();
  }

  remove(photo) {
    const at = this.chosen.indexOf(photo);
    this.chosen.splice(at, 1);
    URL.revokeObjectURL(photo.image.src);
    this.show();
    this.say("textRemoved", { n: at + 1 });
    const next = this.chosen[at] ?? this.chosen[at - 1];
    (next?.button ?? this.input).focus();
  }

  show() {
    this.hand();
    this.chosen.forEach((photo, at) => {
      photo.image.alt = fill(this.words.textPhoto, { n: at + 1 });
      photo.button.textContent = fill(this.words.textRemove, { n: at + 1 });
    });
    this.list.replaceChildren(...this.chosen.map((photo) => photo.item));
  }

  /** Put what is chosen into the input, from where the form sends it. */
  hand() {
    const transfer = new DataTransfer();
    for (const { file } of this.chosen) transfer.items.add(file);
    this.input.files = transfer.files;
  }

  say(name, values) {
    this.status.textContent = fill(this.words[name], values);
  }

  sayWhatWasSaved() {
    const sum = (size) => this.chosen.reduce((total, photo) => total + size(photo), 0);
    const before = sizeIn(this.language, sum((photo) => photo.original.size));
    const after = sizeIn(this.language, sum((photo) => photo.file.size));
    if (before === after) this.status.textContent = "";
    else this.say("textShrunk", { before, after });
  }
}

if (supported()) {
  for (const input of document.querySelectorAll("input[type=file][data-photos]")) new Photos(input);
}
