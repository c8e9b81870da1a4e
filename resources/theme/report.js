// Times, sentences and the waveform play from there, and what is heard is lit. Without sound the
// page is only read.
const sound = document.querySelector("audio");
if (sound) {
  document.body.classList.add("plays");
  const line = document.querySelector(".wave s");
  const length = Number(document.querySelector(".timeline").dataset.length);
  const sentences = [...document.querySelectorAll("p [data-t]")];
  const playFrom = (seconds) => {
    sound.currentTime = seconds;
    sound.play();
  };
  document.addEventListener("click", (event) => {
    const timed = event.target.closest("[data-t]");
    const bar = event.target.closest(".band div, .wave div");
    if (timed) {
      playFrom(Number(timed.dataset.t));
    } else if (bar) {
      const box = bar.getBoundingClientRect();
      playFrom(((event.clientX - box.left) / box.width) * length);
    }
  });
  sound.addEventListener("timeupdate", () => {
    line.hidden = false;
    line.style.left = `${(100 * sound.currentTime) / length}%`;
    let heard = null;
    for (const sentence of sentences) {
      sentence.classList.remove("lit");
      if (Number(sentence.dataset.t) <= sound.currentTime) heard = sentence;
    }
    if (heard && !sound.ended) heard.classList.add("lit");
  });
}
