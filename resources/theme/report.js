// A click on a time plays from there, where the sound lies beside the page.
document.addEventListener("click", (event) => {
  const time = event.target.dataset.t;
  const sound = document.querySelector("audio");
  if (time !== undefined && sound) {
    sound.currentTime = Number(time);
    sound.play();
  }
});
