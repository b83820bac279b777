/* Photos are made small on the phone before they are kept or sent: a JPEG of about 300 KB. A long screenshot
   keeps its width, or its words could not be read, and may weigh more.
   Painting them anew also drops the place and the time the camera wrote into them. */
const AREA = 1920000;
const SHORTER = 1000;
const LONGEST = 32000;
const MOST_BYTES = 300 * 1024;
const QUALITIES = [0.82, 0.72, 0.62, 0.5];

/* Width and height of the copy in pixels: its area is bounded, but the shorter side keeps its 1000. */
export function keptSize(width, height, area) {
  const shorter = Math.min(width, height);
  const fitting = Math.min(1, Math.sqrt(area / (width * height)));
  const ratio = Math.min(1, Math.max(fitting, SHORTER / shorter), LONGEST / Math.max(width, height));
  return [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
}

/* Why a file is not taken, or nothing: what newer telephones write unless told otherwise opens nowhere else. */
export function faultOf(file) {
  const isHeic = /\.(heic|heif)$/i.test(file.name) || /hei[cf]/i.test(file.type);
  return isHeic ? "不能接收 HEIC 照片，请在相机设置里改用 JPG（兼容性最佳）后重新拍。" : `“${file.name}”不是照片或者已损坏，请重新拍。`;
}

function read(blob, how) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => { done(reader.result); };
    reader.onerror = () => { failed(reader.error); };
    reader[how](blob);
  });
}

function picture(url) {
  return new Promise((done, failed) => {
    const image = new Image();
    image.onload = () => { done(image); };
    image.onerror = () => { failed(new Error("not a picture")); };
    image.src = url;
  });
}

function paint(image, [width, height]) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0, width, height);
  return canvas;
}

function jpeg(canvas, quality) {
  return new Promise((done, failed) => {
    canvas.toBlob((blob) => { if (blob) { done(blob); } else { failed(new Error("too large to paint")); } }, "image/jpeg", quality);
  });
}

/* The picture as bytes of a JPEG; rejects what the phone cannot show. */
export async function compress(file) {
  const image = await picture(await read(file, "readAsDataURL"));
  let blob = null;
  let before = "";
  for (let area = AREA; ; area *= 0.75) {
    const size = keptSize(image.naturalWidth, image.naturalHeight, area);
    // Smaller than this nobody could read it: it is kept as heavy as it is.
    if (size.join() === before) { return read(blob, "readAsArrayBuffer"); }
    before = size.join();
    const canvas = paint(image, size);
    for (const quality of QUALITIES) {
      blob = await jpeg(canvas, quality);
      if (blob.size <= MOST_BYTES) { return read(blob, "readAsArrayBuffer"); }
    }
  }
}

/* A small picture for the form, as a data address (the page's policy allows nothing else). */
export async function preview(bytes) {
  const image = await picture(await read(new Blob([bytes], { type: "image/jpeg" }), "readAsDataURL"));
  const ratio = Math.min(1, 160 / Math.max(image.naturalWidth, image.naturalHeight));
  const size = [image.naturalWidth, image.naturalHeight].map((side) => Math.max(1, Math.round(side * ratio)));
  return paint(image, size).toDataURL("image/jpeg", 0.7);
}
