/* Photos are made small on the phone before they are kept or sent: at most 1600 px, about 300 KB, JPEG.
   Painting them anew also drops the place and the time the camera wrote into them. */
(function () {
  "use strict";
  var Desk = window.Desk = window.Desk || {};
  var LONGEST = 1600;
  var MOST_BYTES = 300 * 1024;
  var QUALITIES = [0.82, 0.72, 0.62, 0.5];

  function dataUrl(blob) {
    return new Promise(function (done, failed) {
      var reader = new FileReader();
      reader.onload = function () { done(reader.result); };
      reader.onerror = function () { failed(reader.error); };
      reader.readAsDataURL(blob);
    });
  }

  function picture(url) {
    return new Promise(function (done, failed) {
      var image = new Image();
      image.onload = function () { done(image); };
      image.onerror = function () { failed(new Error("not a picture")); };
      image.src = url;
    });
  }

  function paint(image, longest) {
    var ratio = Math.min(1, longest / Math.max(image.naturalWidth, image.naturalHeight));
    var canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.naturalWidth * ratio));
    canvas.height = Math.max(1, Math.round(image.naturalHeight * ratio));
    var context = canvas.getContext("2d");
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  function jpeg(canvas, quality) {
    return new Promise(function (done) { canvas.toBlob(done, "image/jpeg", quality); });
  }

  function bytesOf(blob) {
    return new Promise(function (done, failed) {
      var reader = new FileReader();
      reader.onload = function () { done(reader.result); };
      reader.onerror = function () { failed(reader.error); };
      reader.readAsArrayBuffer(blob);
    });
  }

  /* The picture as bytes of a JPEG; rejects what the phone cannot show. */
  async function compress(file) {
    var image = await picture(await dataUrl(file));
    var blob = null;
    for (var longest = LONGEST; longest >= 400; longest = Math.round(longest * 0.75)) {
      var canvas = paint(image, longest);
      for (var i = 0; i < QUALITIES.length; i += 1) {
        blob = await jpeg(canvas, QUALITIES[i]);
        if (blob.size <= MOST_BYTES) { return bytesOf(blob); }
      }
    }
    return bytesOf(blob);
  }

  /* A small picture for the form, as a data address (the page's policy allows nothing else). */
  async function preview(bytes) {
    var canvas = paint(await picture(await dataUrl(new Blob([bytes], { type: "image/jpeg" }))), 160);
    return canvas.toDataURL("image/jpeg", 0.7);
  }

  Desk.photos = { compress: compress, preview: preview, LONGEST: LONGEST, MOST_BYTES: MOST_BYTES };
})();
